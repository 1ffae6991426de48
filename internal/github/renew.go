package github

// Renew forgets the tokens of an installation, which hold the permissions of when they were made. The next call asks
// for new ones.
func (a *App) Renew(installation int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clients.forget(installation)
}
