//! Statements, migrations and the two database drivers: the only reads (`load`) and the only writes (`commit`).
