class AdapterKernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def dropout(self: __torch__.AdapterKernels,
    x: Tensor,
    p: Tensor) -> Tensor:
    return torch.dropout(x, float(p), True)
  def low_rank(self: __torch__.AdapterKernels,
    y: Tensor,
    x: Tensor,
    a: Tensor,
    b: Tensor,
    scaling: Tensor) -> Tensor:
    type = ops.prim.dtype(y)
    low = torch.mul(torch.linear(torch.reshape(x, [-1, torch.size(x, -1)]), torch.to(a, type)), scaling)
    flat = torch.reshape(y, [-1, torch.size(y, -1)])
    return torch.reshape(torch.addmm(flat, low, torch.t(torch.to(b, type))), torch.size(y))
  def merged(self: __torch__.AdapterKernels,
    w: Tensor,
    a: Tensor,
    b: Tensor,
    scaling: Tensor) -> Tensor:
    return torch.addmm(torch.to(w, ops.prim.dtype(a)), torch.mul(b, scaling), a)
  def norms(self: __torch__.AdapterKernels,
    w: Tensor) -> Tensor:
    return torch.norm(w, 2, [1])
  def decomposed(self: __torch__.AdapterKernels,
    y: Tensor,
    plain: Tensor,
    x: Tensor,
    w: Tensor,
    a: Tensor,
    b: Tensor,
    magnitude: Tensor,
    scaling: Tensor) -> Tensor:
    whole = (self).merged(w, torch.detach(a), torch.detach(b), scaling, )
    factor = torch.div(magnitude, (self).norms(whole, ))
    low = torch.mul(torch.linear(torch.linear(torch.to(x, ops.prim.dtype(a)), a), b), scaling)
    change = torch.add(torch.mul(plain, torch.sub(factor, 1)), torch.mul(low, factor))
    return torch.to(torch.add(y, change), ops.prim.dtype(y))
