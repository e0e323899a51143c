//! The built-in detection catalogue, read from the packs under `blueprints/packs`.
