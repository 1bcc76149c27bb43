/** A thin handle on LibTorch: tensors with scopes, autograd, matrix products. No other package names LibTorch. */
package io.quarry.torch;
