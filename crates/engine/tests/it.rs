//! The engine on a store, between scripted sides.

#[cfg(test)]
mod it {
    mod comparing;
    mod gone;
    mod scripted;
    mod stage;
    mod walking;
    mod watching;
}
