//! Which API operations a trail records.
