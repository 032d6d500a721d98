//! The desired state, as JSON.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_core::fuzzing::desired_state(input));
