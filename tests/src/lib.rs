//! Builders for the black-box tests: one world per test.
