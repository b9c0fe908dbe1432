class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def attention(self: __torch__.Kernels,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor,
    scale: Tensor,
    cap: Tensor) -> Tensor:
    few = torch.le(torch.mul(torch.size(q, 2), torch.size(k, 2)), 4096)
    if torch.__or__(torch.gt(float(cap), 0.), torch.__and__(few, (self).is_wide(q, ))):
      out = (self).plain_attention(q, k, v, mask, scale, cap, )
    else:
      out = (self).fused_attention(q, k, v, torch.to(mask, ops.prim.dtype(q)), False, scale, )
    return out
  def causal_attention(self: __torch__.Kernels,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    scale: Tensor,
    cap: Tensor) -> Tensor:
    t = torch.size(q, 2)
    few = torch.le(torch.mul(t, t), 4096)
    if torch.__or__(torch.gt(float(cap), 0.), torch.__and__(few, (self).is_wide(q, ))):
      mask = torch.triu(torch.full([t, t], -1000000000., dtype=ops.prim.dtype(q), device=ops.prim.device(q)), 1)
      out = (self).plain_attention(q, k, v, mask, scale, cap, )
    else:
      out = (self).fused_attention(q, k, v, None, True, scale, )
    return out
  def plain_attention(self: __torch__.Kernels,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor,
    scale: Tensor,
    cap: Tensor) -> Tensor:
    groups = torch.floordiv(torch.size(q, 1), torch.size(k, 1))
    if torch.eq(groups, 1):
      keys, values = k, v
    else:
      keys, values = torch.repeat_interleave(k, groups, 1), torch.repeat_interleave(v, groups, 1)
    scores = torch.matmul(torch.mul(q, scale), torch.transpose(keys, -2, -1))
    if torch.gt(float(cap), 0.):
      capped = (self).soft_cap(scores, cap, )
    else:
      capped = scores
    weights = torch.softmax(torch.add(capped, mask), -1)
    return torch.matmul(torch.to(weights, ops.prim.dtype(values)), values)
  def fused_attention(self: __torch__.Kernels,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Optional[Tensor],
    causal: bool,
    scale: Tensor) -> Tensor:
    groups = torch.floordiv(torch.size(q, 1), torch.size(k, 1))
    if torch.eq(groups, 1):
      keys, values = k, v
    else:
      keys, values = torch.repeat_interleave(k, groups, 1), torch.repeat_interleave(v, groups, 1)
    return torch.scaled_dot_product_attention(q, keys, values, mask, 0., causal, scale=float(scale))
  def relative_scores(self: __torch__.Kernels,
    x: Tensor,
    positions: Tensor,
    index: Tensor) -> Tensor:
    rows, heads, t, _ = torch.size(x)
    scores = torch.matmul(x, torch.transpose(positions, -2, -1))
    return torch.gather(scores, -1, torch.expand(index, [rows, heads, t, t]))
  def continued_attention(self: __torch__.Kernels,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    keys: Tensor,
    values: Tensor,
    mask: Tensor,
    window: Tensor,
    scale: Tensor,
    cap: Tensor) -> Tensor:
    rows, heads, _, width = torch.size(q)
    filled = torch.size(mask, -1)
    _0 = torch.copy_(torch.slice(keys, 2, torch.sub(filled, 1), filled), k)
    _1 = torch.copy_(torch.slice(values, 2, torch.sub(filled, 1), filled), v)
    first = ops.prim.max(torch.sub(filled, int(window)), 0)
    near_keys = torch.slice(keys, 2, first, filled)
    near_values = torch.slice(values, 2, first, filled)
    near_mask = torch.to(torch.slice(mask, 3, first, filled), ops.prim.dtype(q))
    grouped = torch.reshape(q, [rows, torch.size(k, 1), -1, width])
    if torch.gt(float(cap), 0.):
      out = (self).plain_attention(grouped, near_keys, near_values, near_mask, scale, cap, )
    else:
      out = torch.scaled_dot_product_attention(grouped, near_keys, near_values, near_mask, 0., False, scale=float(scale))
    return torch.reshape(out, [rows, heads, 1, width])
  def rms_norm(self: __torch__.Kernels,
    x: Tensor,
    w: Tensor,
    eps: Tensor) -> Tensor:
    return torch.rms_norm(x, [torch.size(x, -1)], w, float(eps))
  def soft_cap(self: __torch__.Kernels,
    x: Tensor,
    cap: Tensor) -> Tensor:
    return torch.mul(torch.tanh(torch.div(x, cap)), cap)
  def rms_norm_plus_one(self: __torch__.Kernels,
    x: Tensor,
    w: Tensor,
    eps: Tensor) -> Tensor:
    return torch.rms_norm(x, [torch.size(x, -1)], torch.add(w, 1), float(eps))
  def layer_norm(self: __torch__.Kernels,
    x: Tensor,
    w: Tensor,
    eps: Tensor) -> Tensor:
    return torch.layer_norm(x, [torch.size(x, -1)], w, None, float(eps))
  def layer_norm_bias(self: __torch__.Kernels,
    x: Tensor,
    w: Tensor,
    b: Tensor,
    eps: Tensor) -> Tensor:
    return torch.layer_norm(x, [torch.size(x, -1)], w, b, float(eps))
  def split_heads(self: __torch__.Kernels,
    x: Tensor,
    query_heads: Tensor,
    key_value_heads: Tensor,
    grouped: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    n, m = int(query_heads), int(key_value_heads)
    rows, columns, width, = torch.size(x)
    dim = torch.floordiv(width, torch.add(n, torch.mul(m, 2)))
    if torch.gt(int(grouped), 0):
      groups = torch.reshape(x, [rows, columns, m, -1, dim])
      each = torch.sub(torch.size(groups, 3), 2)
      q = torch.reshape(torch.slice(groups, 3, 0, each), [rows, columns, n, dim])
      k, v = torch.select(groups, 3, each), torch.select(groups, 3, torch.add(each, 1))
    else:
      all = torch.reshape(x, [rows, columns, -1, dim])
      q = torch.slice(all, 2, 0, n)
      k, v = torch.slice(all, 2, n, torch.add(n, m)), torch.slice(all, 2, torch.add(n, m))
    return (torch.transpose(q, 1, 2), torch.transpose(k, 1, 2), torch.transpose(v, 1, 2))
  def halves(self: __torch__.Kernels,
    x: Tensor) -> Tuple[Tensor, Tensor]:
    a, b, = torch.chunk(x, 2, -1)
    return (a, b)
  def transposed_linear(self: __torch__.Kernels,
    x: Tensor,
    w: Tensor) -> Tensor:
    return torch.linear(x, torch.to(torch.t(w), ops.prim.dtype(x)))
  def transposed_linear_bias(self: __torch__.Kernels,
    x: Tensor,
    w: Tensor,
    b: Tensor) -> Tensor:
    type = ops.prim.dtype(x)
    return torch.linear(x, torch.to(torch.t(w), type), torch.to(b, type))
  def silu(self: __torch__.Kernels,
    x: Tensor) -> Tensor:
    return torch.silu(x)
  def swiglu(self: __torch__.Kernels,
    gate: Tensor,
    up: Tensor) -> Tensor:
    return torch.mul(torch.silu(gate), up)
  def gelu(self: __torch__.Kernels,
    x: Tensor) -> Tensor:
    return torch.gelu(x)
  def relu(self: __torch__.Kernels,
    x: Tensor) -> Tensor:
    return torch.relu(x)
  def gelu_tanh(self: __torch__.Kernels,
    x: Tensor) -> Tensor:
    return torch.gelu(x, approximate="tanh")
  def log_sigmoid(self: __torch__.Kernels,
    x: Tensor) -> Tensor:
    return torch.log_sigmoid(x)
  def rope(self: __torch__.Kernels,
    x: Tensor,
    cos: Tensor,
    sin: Tensor) -> Tensor:
    dim = torch.size(cos, -1)
    if torch.eq(dim, torch.size(x, -1)):
      out = (self).turn(x, cos, sin, )
    else:
      out = torch.cat([(self).turn(torch.slice(x, -1, 0, dim), cos, sin, ), torch.slice(x, -1, dim)], -1)
    return out
  def turn(self: __torch__.Kernels,
    x: Tensor,
    cos: Tensor,
    sin: Tensor) -> Tensor:
    a, b, = torch.chunk(x, 2, -1)
    turned = torch.cat([torch.neg(b), a], -1)
    type = ops.prim.dtype(x)
    return torch.add(torch.mul(x, torch.to(cos, type)), torch.mul(turned, torch.to(sin, type)))
  def log_sum_exp(self: __torch__.Kernels,
    x: Tensor) -> Tensor:
    return torch.logsumexp(x, [-1])
  def wide_linear(self: __torch__.Kernels,
    x: Tensor,
    w: Tensor) -> Tensor:
    return (self).as_convolution(x, w, None, )
  def wide_linear_bias(self: __torch__.Kernels,
    x: Tensor,
    w: Tensor,
    b: Tensor) -> Tensor:
    return (self).as_convolution(x, w, b, )
  def as_convolution(self: __torch__.Kernels,
    x: Tensor,
    w: Tensor,
    b: Optional[Tensor]) -> Tensor:
    out, k = torch.size(w)
    pixels = torch.permute(torch.reshape(x, [1, 1, -1, k]), [0, 3, 1, 2])
    y = torch.conv2d(pixels, torch.reshape(w, [out, k, 1, 1]), b, [1, 1], [0, 0], [1, 1], 1)
    shape = torch.size(x)
    _0 = torch._set_item(shape, -1, out)
    return torch.reshape(torch.permute(y, [0, 2, 3, 1]), shape)
  def typed_linear(self: __torch__.Kernels,
    x: Tensor,
    w: Tensor) -> Tensor:
    return torch.linear(x, torch.to(w, ops.prim.dtype(x)))
  def typed_linear_bias(self: __torch__.Kernels,
    x: Tensor,
    w: Tensor,
    b: Tensor) -> Tensor:
    type = ops.prim.dtype(x)
    return torch.linear(x, torch.to(w, type), torch.to(b, type))
  def embedding(self: __torch__.Kernels,
    ids: Tensor,
    w: Tensor) -> Tensor:
    return torch.embedding(w, ids)
  def rows(self: __torch__.Kernels,
    x: Tensor,
    index: Tensor) -> Tensor:
    return torch.index_select(x, 0, index)
  def log_prob(self: __torch__.Kernels,
    logits: Tensor,
    targets: Tensor) -> Tensor:
    all = torch.log_softmax(logits, -1)
    return torch.squeeze(torch.gather(all, -1, torch.unsqueeze(targets, -1)), -1)
  def categorical(self: __torch__.Kernels,
    logits: Tensor,
    chosen: Tensor) -> Tuple[Tensor, Tensor]:
    all = torch.log_softmax(logits, -1)
    entropy = torch.neg(torch.sum(torch.mul(torch.exp(all), all), [-1], True))
    return (torch.gather(all, -1, torch.to(chosen, 4)), entropy)
  def segment_sum(self: __torch__.Kernels,
    x: Tensor,
    segments: Tensor,
    count: Tensor) -> Tensor:
    zeros = torch.zeros([int(count)], dtype=ops.prim.dtype(x), device=ops.prim.device(x))
    return torch.index_add(zeros, 0, segments, x)
  def repetition_penalty(self: __torch__.Kernels,
    logits: Tensor,
    seen: Tensor,
    penalty: Tensor) -> Tensor:
    scores = torch.gather(logits, 1, seen)
    changed = torch.where(torch.lt(scores, 0), torch.mul(scores, penalty), torch.div(scores, penalty))
    return torch.scatter(logits, 1, seen, changed)
  def keep_top_k(self: __torch__.Kernels,
    logits: Tensor,
    k: Tensor,
    dropped: Tensor) -> Tensor:
    top, _, = torch.topk(logits, int(k))
    return torch.masked_fill(logits, torch.lt(logits, torch.slice(top, 1, -1)), dropped)
  def keep_top_p(self: __torch__.Kernels,
    logits: Tensor,
    rest: Tensor,
    dropped: Tensor) -> Tensor:
    ascending, order, = torch.sort(logits, stable=True, dim=-1, descending=False)
    drop = torch.le(torch.cumsum(torch.softmax(ascending, -1), -1), rest)
    _0 = torch.fill_(torch.slice(drop, 1, -1), 0)
    return torch.masked_fill(logits, torch.scatter(drop, 1, order, drop), dropped)
  def keep_min_p(self: __torch__.Kernels,
    logits: Tensor,
    share: Tensor,
    dropped: Tensor) -> Tensor:
    p = torch.softmax(logits, -1)
    return torch.masked_fill(logits, torch.lt(p, torch.mul(torch.amax(p, [-1], True), share)), dropped)
  def choose(self: __torch__.Kernels,
    logits: Tensor,
    uniform: Tensor) -> Tensor:
    all = torch.log_softmax(logits, -1)
    cumulative = torch.cumsum(torch.exp(all), -1, dtype=7)
    total = torch.slice(cumulative, 1, -1)
    found = torch.searchsorted(cumulative, torch.mul(uniform, torch.mul(total, 0.9999999999999998)), right=True)
    ids = torch.clamp(found, 0, torch.sub(torch.size(logits, 1), 1))
    return torch.cat([torch.to(ids, 7), torch.to(torch.gather(all, 1, ids), 7)], 1)
  def choose_best(self: __torch__.Kernels,
    logits: Tensor,
    ranked: Tensor) -> Tensor:
    ids = torch.argmax(ranked, -1, True)
    log_prob = torch.sub(torch.gather(logits, 1, ids), torch.logsumexp(logits, [-1], True))
    return torch.cat([torch.to(ids, 7), torch.to(log_prob, 7)], 1)
  def times(self: __torch__.Kernels,
    x: Tensor,
    factor: Tensor) -> Tensor:
    return torch.mul(x, float(factor))
  def to_float32(self: __torch__.Kernels,
    x: Tensor) -> Tensor:
    return torch.to(x, 6)
  def to_float64(self: __torch__.Kernels,
    x: Tensor) -> Tensor:
    return torch.to(x, 7)
  def is_wide(self: __torch__.Kernels,
    x: Tensor) -> bool:
    return torch.ne(ops.prim.dtype(x), 15)
  def to_bfloat16(self: __torch__.Kernels,
    x: Tensor) -> Tensor:
    return torch.to(x, 15)
  def to_main_memory(self: __torch__.Kernels,
    x: Tensor) -> Tensor:
    return torch.cpu(x)
  def bfloat16_zeros(self: __torch__.Kernels,
    like: Tensor) -> Tensor:
    return torch.zeros_like(like, dtype=15)
  def zeros_like(self: __torch__.Kernels,
    x: Tensor) -> Tensor:
    return torch.zeros_like(x)
  def cast(self: __torch__.Kernels,
    x: Tensor,
    type: Tensor) -> Tensor:
    return torch.to(x, int(type))
  def round_to_bfloat16(self: __torch__.Kernels,
    x: Tensor) -> Tensor:
    return torch.to(torch.to(x, 15), 6)
  def in_graph(self: __torch__.Kernels,
    x: Tensor) -> Tensor:
    return torch.tensor(ops.prim.requires_grad(x))
  def copy_into(self: __torch__.Kernels,
    target: Tensor,
    source: Tensor) -> Tensor:
    return torch.copy_(target, source)
  def norms(self: __torch__.Kernels,
    arrays: List[Tensor]) -> Tensor:
    return torch.stack(torch._foreach_norm(arrays, 2., dtype=7))
  def scale(self: __torch__.Kernels,
    arrays: List[Tensor],
    factor: float) -> NoneType:
    torch._foreach_mul_(arrays, factor)
    return None
  def zero(self: __torch__.Kernels,
    arrays: List[Tensor]) -> NoneType:
    torch._foreach_zero_(arrays)
    return None
  def adamw(self: __torch__.Kernels,
    weights: List[Tensor],
    gradients: List[Tensor],
    first: List[Tensor],
    second: List[Tensor],
    numbers: List[float]) -> NoneType:
    step, rate, beta1, beta2, decay, epsilon, = numbers
    one = torch.full([], step, dtype=6, device=ops.prim.device(weights[0]))
    steps = annotate(List[Tensor], [])
    for i in range(torch.len(weights)):
      _0 = torch.append(steps, one)
    torch._fused_adamw_(weights, gradients, first, second, annotate(List[Tensor], []), steps, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)
    return None
