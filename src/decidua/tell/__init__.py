"""One result told as table, figure, sentence, hundred figures or report, in words chosen for its reader."""
