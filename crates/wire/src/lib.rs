//! What travels: parameters, scopes, error codes, metadata documents and registered names. No IO, no crypto.
