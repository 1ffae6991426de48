package github

// Renew forgets the token of an installation, which holds the permissions of when it was made. The next call asks for a
// new one.
func (a *App) Renew(installation int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.clients, installation)
}
