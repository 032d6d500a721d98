//! Tests of all pages: catalogues, markup, escaping, colours.

mod catalogue;
mod colour;
mod markup;
mod samples;
mod tags;
