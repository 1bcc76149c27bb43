/** Reinforcement learning from the graders of tasks: rollouts by the engine, gradients by the training graph. */
package io.quarry.rl;
