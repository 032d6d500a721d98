//! The speed report.
