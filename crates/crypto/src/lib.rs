//! Keys, signatures, digests, MACs, sealing, randomness and password hashes: the only importer of crypto libraries.
