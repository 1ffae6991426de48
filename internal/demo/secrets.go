package demo

import "strings"

// Secrets are what nobody but the bot may know, for tests that look for them in what it writes: the webhook secret, the
// recovery keys, and the lines of the App's key.
func (st *Stage) Secrets() []string {
	out := append([]string{st.secret}, st.RecoveryKeys()...)
	for line := range strings.Lines(string(st.Key)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "-----") {
			out = append(out, line)
		}
	}
	return out
}
