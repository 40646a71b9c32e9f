"""Every parser of foreign bytes under fire: what may come out of it is an answer or a refusal, never a fault."""
