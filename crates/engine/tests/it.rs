//! The engine on a store, between scripted sides.

#[cfg(test)]
mod it {
    mod scripted;
    mod stage;
    mod walking;
    mod watching;
}
