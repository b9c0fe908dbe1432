package org.rlhf4j.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.reflect.Proxy;
import java.util.List;

/** Just enough of DJL's interfaces to test the assertions without a native engine. */
final class FakeTensors {
    private FakeTensors() {}

    static NDArray floats(Shape shape, float... values) {
        return array(DataType.FLOAT32, shape, values);
    }

    /** An array of a type whose values the right getter of that type returns. */
    static NDArray array(DataType type, Shape shape, Object values) {
        return (NDArray) Proxy.newProxyInstance(
                FakeTensors.class.getClassLoader(),
                new Class<?>[] {NDArray.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getShape" -> shape;
                    case "getDataType" -> type;
                    case "size" -> shape.size();
                    case "toType" -> floats(shape, (float[]) values);
                    case "close" -> proxy;
                    case "toFloatArray", "toDoubleArray", "toIntArray", "toLongArray", "toBooleanArray" -> values;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    static NDManager manager(List<NDArray> held) {
        return (NDManager) Proxy.newProxyInstance(
                FakeTensors.class.getClassLoader(), new Class<?>[] {NDManager.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("getManagedArrays")) {
                        return List.copyOf(held);
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }
}
