package sandbox

func lockRoutes() []route {
	return []route{
		{"PUT", "/repos/{owner}/{repo}/issues/{number}/lock", "issues:write", handleLock},
		{"DELETE", "/repos/{owner}/{repo}/issues/{number}/lock", "issues:write", handleUnlock},
	}
}

func handleLock(c *call) (reply, error) { return c.lockIssue(true) }

func handleUnlock(c *call) (reply, error) { return c.lockIssue(false) }

func (c *call) lockIssue(locked bool) (reply, error) {
	is, err := c.issue()
	if err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, forbidden("Must have admin rights to Repository.")
	}
	c.lock(is, locked)
	return nothing(), nil
}

func (c *call) lock(is *issue, locked bool) {
	if is.Locked == locked {
		return
	}
	is.Locked, is.Updated = locked, c.s.now()
	action := "unlocked"
	if locked {
		action = "locked"
	}
	c.told(is, action, map[string]any{})
}

// closedTo says that the actor cannot comment on an issue because it is locked. An App that may write issues can.
func (c *call) closedTo(is *issue) bool { return is.Locked && !c.s.can(c.repo, c.who, "write") }

// LockIssue locks the conversation of an issue or pull request.
func (s *Server) LockIssue(repo string, number int) error { return s.lockOne(repo, number, true) }

// UnlockIssue opens the conversation again.
func (s *Server) UnlockIssue(repo string, number int) error { return s.lockOne(repo, number, false) }

func (s *Server) lockOne(repo string, number int, locked bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, is, err := s.settings(repo, number)
	if err != nil {
		return err
	}
	c.lock(is, locked)
	return nil
}
