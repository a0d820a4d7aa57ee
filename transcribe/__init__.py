"""Audio in, `Transcript` out: decoding, engines behind one protocol, the child process."""
