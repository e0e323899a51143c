//! S3 as a client meets it.
