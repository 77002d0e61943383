//! The types of parameters and results, as every language sees them.
