//! Black-box tests: one file per endpoint and verb.

mod happy_path;
