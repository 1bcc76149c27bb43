package io.quarry.torch;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** An n-dimensional array that remembers how it was computed. Lives as long as the {@link Scope} it was made in. */
public final class Tensor {
    private final org.bytedeco.pytorch.Tensor handle;

    private Tensor(org.bytedeco.pytorch.Tensor handle) {
        this.handle = handle;
    }

    /** A copy of {@code values} with the given shape. */
    public static Tensor of(float[] values, long... shape) {
        org.bytedeco.pytorch.Tensor made = torch.empty(shape, new TensorOptions(ScalarType.Float), null);
        new FloatPointer(made.data_ptr()).put(values, 0, values.length);
        return new Tensor(made);
    }

    /** A copy of {@code values}, as the index type of LibTorch. */
    public static Tensor of(long[] values, long... shape) {
        org.bytedeco.pytorch.Tensor made = torch.empty(shape, new TensorOptions(ScalarType.Long), null);
        new LongPointer(made.data_ptr()).put(values, 0, values.length);
        return new Tensor(made);
    }

    /** Asks for a gradient; only for tensors made by {@code of}. */
    public Tensor learned() {
        return new Tensor(handle.requires_grad_(true));
    }

    public long size(int dimension) {
        return handle.size(dimension);
    }

    /** All elements in order, as f32. */
    public float[] values() {
        org.bytedeco.pytorch.Tensor plain = handle.detach().to(ScalarType.Float).contiguous();
        float[] out = new float[Math.toIntExact(plain.numel())];
        new FloatPointer(plain.data_ptr()).get(out, 0, out.length);
        return out;
    }

    /** Computes the gradient of this single number for all learned tensors it depends on. */
    public void backward() {
        handle.backward(new org.bytedeco.pytorch.Tensor(), new BoolOptional(), false,
                new org.bytedeco.pytorch.TensorArrayRefOptional());
    }

    /** The gradient that {@link #backward()} left, as f32 in the order of {@link #values()}. */
    public float[] gradient() {
        return new Tensor(handle.grad()).values();
    }

    public Tensor float32() {
        return new Tensor(handle.to(ScalarType.Float));
    }

    public Tensor bfloat16() {
        return new Tensor(handle.to(ScalarType.BFloat16));
    }

    /** The type of {@code other}. */
    public Tensor as(Tensor other) {
        return new Tensor(handle.to(other.handle.scalar_type()));
    }

    public Tensor add(Tensor other) {
        return new Tensor(handle.add(other.handle));
    }

    public Tensor add(double number) {
        return new Tensor(handle.add(new Scalar(number)));
    }

    public Tensor subtract(Tensor other) {
        return new Tensor(handle.sub(other.handle));
    }

    public Tensor mul(Tensor other) {
        return new Tensor(handle.mul(other.handle));
    }

    public Tensor mul(double number) {
        return new Tensor(handle.mul(new Scalar(number)));
    }

    public Tensor negate() {
        return new Tensor(handle.neg());
    }

    public Tensor exp() {
        return new Tensor(handle.exp());
    }

    public Tensor minimum(Tensor other) {
        return new Tensor(handle.minimum(other.handle));
    }

    public Tensor clamp(double low, double high) {
        return new Tensor(torch.clamp(handle, new org.bytedeco.pytorch.ScalarOptional(new Scalar(low)),
                new org.bytedeco.pytorch.ScalarOptional(new Scalar(high))));
    }

    public Tensor square() {
        return new Tensor(handle.square());
    }

    public Tensor rsqrt() {
        return new Tensor(handle.rsqrt());
    }

    public Tensor silu() {
        return new Tensor(torch.silu(handle));
    }

    /** Mean over the last dimension, which stays with size 1. */
    public Tensor meanLast() {
        return new Tensor(handle.mean(new long[] {-1}, true, new ScalarTypeOptional()));
    }

    public Tensor sum() {
        return new Tensor(handle.sum());
    }

    /** Matrix product over the last two dimensions. */
    public Tensor matmul(Tensor other) {
        return new Tensor(handle.matmul(other.handle));
    }

    public Tensor transpose(int a, int b) {
        return new Tensor(handle.transpose(a, b));
    }

    public Tensor reshape(long... shape) {
        return new Tensor(handle.reshape(shape));
    }

    /** The same values seen with larger sizes where a size was 1. */
    public Tensor expand(long... shape) {
        return new Tensor(handle.expand(shape));
    }

    /** {@code length} entries of {@code dimension} from {@code start}. */
    public Tensor narrow(int dimension, long start, long length) {
        return new Tensor(handle.narrow(dimension, start, length));
    }

    /** Rows of this matrix by index. */
    public Tensor rows(Tensor indices) {
        return new Tensor(torch.embedding(handle, indices.handle));
    }

    /** One element of the last dimension per row, by index; the dimension stays with size 1. */
    public Tensor pickLast(Tensor indices) {
        return new Tensor(handle.gather(-1, indices.handle));
    }

    public Tensor softmaxLast() {
        return new Tensor(handle.softmax(-1));
    }

    public Tensor logSoftmaxLast() {
        return new Tensor(handle.log_softmax(-1));
    }

    /** Joins two tensors along the last dimension. */
    public static Tensor joinLast(Tensor a, Tensor b) {
        return new Tensor(torch.cat(new TensorVector(a.handle, b.handle), -1));
    }
}
