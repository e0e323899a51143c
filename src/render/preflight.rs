//! What is in the way of a plan, as text for people.

use crate::engine::preflight::Obstacle;
use crate::render::Style;
use std::fmt::Write;

/// Returns the obstacles under their headings: what stops the run first; nothing if there are none.
pub fn text(obstacles: &[Obstacle], style: Style) -> String {
    let mut out = String::new();
    let headings = [
        (true, "Would fail, so that apply does not start:"),
        (false, "Would not stop apply, but look at it:"),
    ];
    for (blocks, heading) in headings {
        let these: Vec<&Obstacle> = obstacles.iter().filter(|obstacle| obstacle.blocks == blocks).collect();
        if these.is_empty() {
            continue;
        }
        let heading = style.bold(heading);
        let _ = writeln!(out, "\n{}", if blocks { style.red(&heading) } else { heading });
        for obstacle in these {
            let head = format!("{} {}", obstacle.code, style.bold(&obstacle.address.to_string()));
            let _ = writeln!(out, "  {head}");
            let _ = writeln!(out, "{}", style.wrap(&obstacle.text, "      ", "      "));
            let _ = writeln!(out, "{}", style.wrap(&format!("do: {}", obstacle.fix), "      ", "          "));
        }
    }
    out
}
