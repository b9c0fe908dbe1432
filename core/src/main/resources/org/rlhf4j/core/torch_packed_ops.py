class PackedKernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def pack(self: __torch__.PackedKernels,
    w: Tensor,
    rows: Tensor) -> Tensor:
    return ops.mkldnn._reorder_linear_weight(w, int(rows))
  def linear(self: __torch__.PackedKernels,
    x: Tensor,
    w: Tensor,
    b: Tensor) -> Tensor:
    if torch.eq(torch.numel(b), 0):
      y = ops.mkldnn._linear_pointwise(x, w, None, "none", annotate(List[Optional[number]], []), "")
    else:
      y = ops.mkldnn._linear_pointwise(x, w, b, "none", annotate(List[Optional[number]], []), "")
    return y
  def norm(self: __torch__.PackedKernels,
    x: Tensor,
    w: Tensor,
    eps: Tensor) -> Tensor:
    return torch.rms_norm(x, [torch.size(x, -1)], w, float(eps))
  def heads(self: __torch__.PackedKernels,
    x: Tensor,
    norm: Tensor,
    eps: Tensor,
    w: Tensor,
    b: Tensor,
    q_norm: Tensor,
    k_norm: Tensor,
    key_value_heads: Tensor,
    cos: Tensor,
    sin: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    y = (self).linear((self).norm(x, norm, eps, ), w, b, )
    rows, columns, _, = torch.size(y)
    all = torch.transpose(torch.reshape(y, [rows, columns, -1, torch.size(cos, -1)]), 1, 2)
    m = int(key_value_heads)
    n = torch.sub(torch.size(all, 1), torch.mul(m, 2))
    if torch.eq(torch.numel(q_norm), 0):
      both = torch.slice(all, 1, 0, torch.add(n, m))
    else:
      q = (self).norm(torch.slice(all, 1, 0, n), q_norm, eps, )
      k = (self).norm(torch.slice(all, 1, n, torch.add(n, m)), k_norm, eps, )
      both = torch.cat([q, k], 1)
    first, second, = torch.chunk(both, 2, -1)
    across = torch.cat([torch.neg(second), first], -1)
    type = ops.prim.dtype(both)
    turned = torch.add(torch.mul(both, torch.to(cos, type)), torch.mul(across, torch.to(sin, type)))
    return (torch.slice(turned, 1, 0, n), torch.slice(turned, 1, n), torch.slice(all, 1, torch.add(n, m)))
  def finish(self: __torch__.PackedKernels,
    x: Tensor,
    mixed: Tensor,
    w: Tensor,
    b: Tensor,
    norm: Tensor,
    eps: Tensor,
    gate_up: Tensor,
    gate_up_bias: Tensor,
    down: Tensor,
    down_bias: Tensor) -> Tensor:
    rows, columns, _, = torch.size(x)
    merged = torch.reshape(torch.transpose(mixed, 1, 2), [rows, columns, -1])
    y = torch.add(x, (self).linear(merged, w, b, ))
    gate, up, = torch.chunk((self).linear((self).norm(y, norm, eps, ), gate_up, gate_up_bias, ), 2, -1)
    return torch.add(y, (self).linear(torch.mul(torch.silu(gate), up), down, down_bias, ))
