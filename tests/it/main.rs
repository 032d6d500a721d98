//! Black-box tests: one file per endpoint and verb.

mod bad_inputs;
mod conformance;
mod happy_path;
mod manual;
