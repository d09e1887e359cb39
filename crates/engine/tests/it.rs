//! The engine on a store, between scripted sides.

#[cfg(test)]
mod it {
    mod breaking;
    mod comparing;
    mod gone;
    mod overwriting;
    mod patience;
    mod scripted;
    mod sharing;
    mod stage;
    mod walking;
    mod watching;
}
