//! Tests of all pages: catalogues, markup, escaping, colours.

mod catalogue;
mod colour;
mod console;
mod extension_samples;
mod factor_samples;
mod help_samples;
mod installing_samples;
mod markup;
mod samples;
mod tags;
