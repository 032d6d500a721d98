//! The path of a request to an API, and a pattern of paths.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_wire::fuzzing::route(input));
