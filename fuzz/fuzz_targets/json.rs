//! A JSON text.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_wire::fuzzing::json(input));
