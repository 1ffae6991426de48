package release

// Person is a user of GitHub. The id says who it is; the login is what it was called when it was last seen, for people
// to read. A login can be given up, and taken by somebody else.
type Person struct {
	Login string `json:"login"`
	ID    int64  `json:"id"`
}

// Is says that both are one person. Somebody whose id is not known is nobody: logs that hold logins only give nobody
// a role.
func (p Person) Is(o Person) bool { return p.ID != 0 && p.ID == o.ID }

// Named are those whom the configuration names, as GitHub knew them when the release started.
type Named struct {
	// Team are those of Process.Team, Users those of the roles, by the name of the role.
	Team  []Person            `json:"team,omitempty"`
	Users map[string][]Person `json:"users,omitempty"`
}
