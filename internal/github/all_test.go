package github

import "github.com/slipway-dev/slipway/release/step"

// Installation is the client of everything that an installation may do, which nothing but tests asks for.
func (a *App) Installation(id int64) step.GitHub { return a.client(Scope{Installation: id}) }
