"""A simulated arm with a suction cup beside the table, in a world whose physics goes on."""
