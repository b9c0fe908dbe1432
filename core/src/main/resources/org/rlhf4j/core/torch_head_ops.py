class HeadKernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def product(self: __torch__.HeadKernels,
    x: Tensor,
    w: Tensor) -> Tensor:
    if torch.eq(ops.prim.dtype(w), 6):
      y = ops.mkldnn._linear_pointwise(x, w, None, "none", annotate(List[Optional[number]], []), "")
    else:
      y = torch.linear(torch.to(x, ops.prim.dtype(w)), w)
    return y
  def wide(self: __torch__.HeadKernels,
    x: Tensor) -> Tensor:
    if torch.eq(ops.prim.dtype(x), 15):
      y = torch.to(x, 6)
    else:
      y = x
    return y
  def logits(self: __torch__.HeadKernels,
    h: Tensor,
    w: Tensor,
    cap: Tensor) -> Tensor:
    z = (self).wide((self).product(h, w, ), )
    if torch.gt(float(cap), 0.):
      logits = torch.mul_(torch.tanh_(torch.div_(z, cap)), cap)
    else:
      logits = z
    return logits
  def through_cap(self: __torch__.HeadKernels,
    gradient: Tensor,
    logits: Tensor,
    cap: Tensor) -> Tensor:
    t = torch.div(logits, cap)
    return torch.mul_(gradient, torch.rsub(torch.mul(t, t), 1))
  def token_log_softmax(self: __torch__.HeadKernels,
    h: Tensor,
    w: Tensor,
    cap: Tensor) -> Tensor:
    return torch.log_softmax((self).logits(h, w, cap, ), -1)
  def token_cap_gradient(self: __torch__.HeadKernels,
    gradient: Tensor,
    h: Tensor,
    w: Tensor,
    cap: Tensor) -> Tensor:
    return (self).through_cap(gradient, (self).logits(h, w, cap, ), cap, )
  def token_pick(self: __torch__.HeadKernels,
    all: Tensor,
    targets: Tensor) -> Tensor:
    return torch.squeeze(torch.gather(all, -1, torch.unsqueeze(targets, -1)), -1)
  def token_entropy(self: __torch__.HeadKernels,
    all: Tensor) -> Tensor:
    return torch.neg(torch.sum(torch.mul_(torch.exp(all), all), [-1]))
  def token_correct(self: __torch__.HeadKernels,
    all: Tensor,
    picked: Tensor) -> Tensor:
    return torch.type_as(torch.ge(picked, torch.amax(all, [-1])), picked)
  def token_logit_gradient(self: __torch__.HeadKernels,
    all: Tensor,
    targets: Tensor,
    entropy: Tensor,
    by_log_prob: Tensor,
    by_entropy: Tensor) -> Tensor:
    a = torch.unsqueeze(by_log_prob, -1)
    b = torch.unsqueeze(by_entropy, -1)
    constant = torch.neg(torch.add(a, torch.mul(b, torch.unsqueeze(entropy, -1))))
    g = torch.mul_(torch.addcmul(constant, torch.neg(b), all), torch.exp(all))
    return torch.scatter_add_(g, -1, torch.unsqueeze(targets, -1), a)
  def token_log_prob_gradient(self: __torch__.HeadKernels,
    all: Tensor,
    targets: Tensor,
    by_log_prob: Tensor) -> Tensor:
    a = torch.unsqueeze(by_log_prob, -1)
    g = torch.mul_(torch.exp(all), torch.neg(a))
    return torch.scatter_add_(g, -1, torch.unsqueeze(targets, -1), a)
  def token_figures(self: __torch__.HeadKernels,
    logits: Tensor,
    p: Tensor,
    targets: Tensor,
    mean_logit: Tensor) -> Tensor:
    top = torch.amax(logits, [-1])
    log_normaliser = torch.sub(top, torch.log(torch.amax(p, [-1])))
    picked = (self).token_pick(logits, targets, )
    correct = torch.type_as(torch.ge(picked, top), picked)
    return torch.stack([torch.sub(log_normaliser, picked), torch.sub(log_normaliser, mean_logit), correct], 1)
  def cross_entropy(self: __torch__.HeadKernels,
    h: Tensor,
    w: Tensor,
    targets: Tensor,
    cap: Tensor) -> Tensor:
    logits = (self).logits(h, w, cap, )
    p = torch.softmax(logits, -1)
    return (self).token_figures(logits, p, targets, torch.sum(torch.mul(p, logits), [-1]), )
  def cross_entropy_gradient(self: __torch__.HeadKernels,
    h: Tensor,
    w: Tensor,
    targets: Tensor,
    cap: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    logits = (self).logits(h, w, cap, )
    p = torch.softmax(logits, -1)
    column = torch.unsqueeze(targets, -1)
    minus_one = torch.neg(torch.ones_like(column, dtype=ops.prim.dtype(p)))
    if torch.gt(float(cap), 0.):
      figures = (self).token_figures(logits, p, targets, torch.sum(torch.mul(p, logits), [-1]), )
      by_logits = (self).through_cap(torch.scatter_add_(p, -1, column, minus_one), logits, cap, )
      by_hidden = (self).wide((self).product(by_logits, torch.t(w), ), )
    else:
      mean = (self).wide((self).product(p, torch.t(w), ), )
      figures = (self).token_figures(logits, p, targets, torch.sum(torch.mul(h, mean), [-1]), )
      by_logits = torch.scatter_add_(p, -1, column, minus_one)
      by_hidden = torch.sub(mean, torch.index_select(w, 0, targets))
    return (figures, by_hidden, by_logits)
  def token_hidden_gradient(self: __torch__.HeadKernels,
    by_logits: Tensor,
    w: Tensor) -> Tensor:
    return (self).product(by_logits, torch.t(w), )
  def add_head_gradient(self: __torch__.HeadKernels,
    total: Tensor,
    by_logits: Tensor,
    h: Tensor) -> Tensor:
    turned = torch.t(h)
    words = torch.size(by_logits, 1)
    for i in range(torch.floordiv(torch.add(words, 4095), 4096)):
      start = torch.mul(i, 4096)
      count = ops.prim.min(4096, torch.sub(words, start))
      part = torch.t(torch.narrow(by_logits, 1, start, count))
      _0 = torch.add_(torch.narrow(total, 0, start, count), (self).product(part, turned, ))
    return total
