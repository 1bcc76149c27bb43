package io.quarry.serve;

/**
 * What an answer took.
 *
 * @param prompt     tokens of the messages with their roles
 * @param completion tokens of the answer, without the one that ended it
 */
record Usage(int prompt, int completion) {}
