/** Token files to checkpoints: the one loop of all supervised training, and what it is made of. */
package io.quarry.train;
