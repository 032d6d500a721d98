//! The domain model, the tables of rules and the decisions. Pure: no clock, no randomness of its own, no IO, no await.
