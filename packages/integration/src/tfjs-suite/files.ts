/** tfjs's tests of what a ResNet is made of and trained with, and how to load each file. */
export const testFiles: Record<string, () => Promise<unknown>> = {
  gradients: () => import('@tensorflow/tfjs-core/dist/gradients_test'),
  'ops/arithmetic': () => import('@tensorflow/tfjs-core/dist/ops/arithmetic_test'),
  'ops/avg_pool': () => import('@tensorflow/tfjs-core/dist/ops/avg_pool_test'),
  'ops/batchnorm': () => import('@tensorflow/tfjs-core/dist/ops/batchnorm_test'),
  'ops/clone': () => import('@tensorflow/tfjs-core/dist/ops/clone_test'),
  'ops/conv1d': () => import('@tensorflow/tfjs-core/dist/ops/conv1d_test'),
  'ops/conv2d': () => import('@tensorflow/tfjs-core/dist/ops/conv2d_test'),
  'ops/conv2d_separable': () => import('@tensorflow/tfjs-core/dist/ops/conv2d_separable_test'),
  'ops/conv2d_transpose': () => import('@tensorflow/tfjs-core/dist/ops/conv2d_transpose_test'),
  'ops/depthwise_conv2d': () => import('@tensorflow/tfjs-core/dist/ops/depthwise_conv2d_test'),
  'ops/fused/fused_conv2d': () => import('@tensorflow/tfjs-core/dist/ops/fused/fused_conv2d_test'),
  'ops/fused/fused_depthwise_conv2d': () =>
    import('@tensorflow/tfjs-core/dist/ops/fused/fused_depthwise_conv2d_test'),
  'ops/fused/fused_mat_mul': () => import('@tensorflow/tfjs-core/dist/ops/fused/fused_mat_mul_test'),
  'ops/log_softmax': () => import('@tensorflow/tfjs-core/dist/ops/log_softmax_test'),
  'ops/losses/absolute_difference': () =>
    import('@tensorflow/tfjs-core/dist/ops/losses/absolute_difference_test'),
  'ops/losses/compute_weighted_loss': () =>
    import('@tensorflow/tfjs-core/dist/ops/losses/compute_weighted_loss_test'),
  'ops/losses/cosine_distance': () => import('@tensorflow/tfjs-core/dist/ops/losses/cosine_distance_test'),
  'ops/losses/hinge_loss': () => import('@tensorflow/tfjs-core/dist/ops/losses/hinge_loss_test'),
  'ops/losses/huber_loss': () => import('@tensorflow/tfjs-core/dist/ops/losses/huber_loss_test'),
  'ops/losses/log_loss': () => import('@tensorflow/tfjs-core/dist/ops/losses/log_loss_test'),
  'ops/losses/mean_squared_error': () =>
    import('@tensorflow/tfjs-core/dist/ops/losses/mean_squared_error_test'),
  'ops/losses/sigmoid_cross_entropy': () =>
    import('@tensorflow/tfjs-core/dist/ops/losses/sigmoid_cross_entropy_test'),
  'ops/losses/softmax_cross_entropy': () =>
    import('@tensorflow/tfjs-core/dist/ops/losses/softmax_cross_entropy_test'),
  'ops/mat_mul': () => import('@tensorflow/tfjs-core/dist/ops/mat_mul_test'),
  'ops/max_pool': () => import('@tensorflow/tfjs-core/dist/ops/max_pool_test'),
  'ops/max_pool_with_argmax': () => import('@tensorflow/tfjs-core/dist/ops/max_pool_with_argmax_test'),
  'ops/mean': () => import('@tensorflow/tfjs-core/dist/ops/mean_test'),
  'ops/moments': () => import('@tensorflow/tfjs-core/dist/ops/moments_test'),
  'ops/pad': () => import('@tensorflow/tfjs-core/dist/ops/pad_test'),
  'ops/pool': () => import('@tensorflow/tfjs-core/dist/ops/pool_test'),
  'ops/relu': () => import('@tensorflow/tfjs-core/dist/ops/relu_test'),
  'ops/softmax': () => import('@tensorflow/tfjs-core/dist/ops/softmax_test'),
  'ops/sum': () => import('@tensorflow/tfjs-core/dist/ops/sum_test'),
  'ops/transpose': () => import('@tensorflow/tfjs-core/dist/ops/transpose_test'),
  'optimizers/adadelta_optimizer': () =>
    import('@tensorflow/tfjs-core/dist/optimizers/adadelta_optimizer_test'),
  'optimizers/adagrad_optimizer': () =>
    import('@tensorflow/tfjs-core/dist/optimizers/adagrad_optimizer_test'),
  'optimizers/adam_optimizer': () => import('@tensorflow/tfjs-core/dist/optimizers/adam_optimizer_test'),
  'optimizers/adamax_optimizer': () => import('@tensorflow/tfjs-core/dist/optimizers/adamax_optimizer_test'),
  'optimizers/momentum_optimizer': () =>
    import('@tensorflow/tfjs-core/dist/optimizers/momentum_optimizer_test'),
  'optimizers/optimizer': () => import('@tensorflow/tfjs-core/dist/optimizers/optimizer_test'),
  'optimizers/rmsprop_optimizer': () =>
    import('@tensorflow/tfjs-core/dist/optimizers/rmsprop_optimizer_test'),
  'optimizers/sgd_optimizer': () => import('@tensorflow/tfjs-core/dist/optimizers/sgd_optimizer_test'),
};
