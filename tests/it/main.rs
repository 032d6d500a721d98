//! Black-box tests: one file per endpoint and verb.

mod conformance;
mod bad_inputs;
mod happy_path;
mod manual;
