package release

// Interfaces are the versions of the boundary between user space and kernel, as the files driver/API_VERSION and
// driver/SCHEMA_VERSION of falcosecurity/libs hold them.
type Interfaces struct{ API, Schema Version }

// NextDriver computes the driver version after previous (falcosecurity/libs,
// proposals/20220203-versioning-schema-amendment.md): major, minor or patch goes up by one as the greatest
// change of either interface since the tag of previous, whatever the distance; changed code counts as a patch. No
// change at all means that there is no driver to release. The error is a *RuleError.
func (s Scheme) NextDriver(previous Version, was, now Interfaces, codeChanged bool) (Version, error) {
	kind := ""
	if codeChanged {
		kind = "patch"
	}
	for _, file := range []struct {
		name     string
		was, now Version
	}{{"driver/API_VERSION", was.API, now.API}, {"driver/SCHEMA_VERSION", was.Schema, now.Schema}} {
		a, b := file.was, file.now
		switch {
		case Compare(b, a) < 0:
			return Version{}, s.refuse(b.String(), ruleInterfaceDown(file.name, a.String(), previous.String()), "")
		case b.Major > a.Major:
			kind = "major"
		case b.Minor > a.Minor && b.Major == a.Major && kind != "major":
			kind = "minor"
		case b.Patch > a.Patch && b.line(a) && kind == "":
			kind = "patch"
		}
	}
	if kind == "" {
		return Version{}, s.refuse(previous.String(), ruleNoDriverChange(), "")
	}
	return s.Next(previous, kind)
}
