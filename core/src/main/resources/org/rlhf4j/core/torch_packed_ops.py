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
    w: Tensor) -> Tensor:
    return ops.mkldnn._linear_pointwise(x, w, None, "none", annotate(List[Optional[number]], []), "")
  def linear_bias(self: __torch__.PackedKernels,
    x: Tensor,
    w: Tensor,
    b: Tensor) -> Tensor:
    return ops.mkldnn._linear_pointwise(x, w, b, "none", annotate(List[Optional[number]], []), "")
