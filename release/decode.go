package release

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
)

// UnknownForm is the error of an event that another version of Slipway wrote in a form that this one cannot read: it
// must not carry that log on.
type UnknownForm struct {
	// What cannot be read: "started event". Why says what of it, and is nil for an unknown event.
	What string
	Why  error
}

func (u *UnknownForm) Error() string {
	if u.Why == nil {
		return u.What
	}
	return u.What + ": " + u.Why.Error()
}

func (u *UnknownForm) Unwrap() error { return u.Why }

// Decode is the inverse of Encode. Its error is always an UnknownForm.
func Decode(kind string, data []byte) (Event, error) {
	switch kind {
	case "commanded":
		return decode[Commanded](kind, data)
	case "answered":
		return decode[Answered](kind, data)
	case "started":
		return decode[Started](kind, data)
	case "entered":
		return decode[Entered](kind, data)
	case "asked":
		return decode[Asked](kind, data)
	case "did":
		return decode[Did](kind, data)
	case "waits":
		return decode[Waits](kind, data)
	case "stopped":
		return decode[Stopped](kind, data)
	case "retried":
		return decode[Retried](kind, data)
	case "held":
		return decode[Held](kind, data)
	case "resumed":
		return decode[Resumed](kind, data)
	case "aborted":
		return decode[Aborted](kind, data)
	case "dudded":
		return decode[Dudded](kind, data)
	case "approved":
		return decode[Approved](kind, data)
	case "teamed":
		return decode[Teamed](kind, data)
	case "assigned":
		return decode[Assigned](kind, data)
	case "excepted":
		return decode[Excepted](kind, data)
	case "pushed":
		return decode[Pushed](kind, data)
	case "shown":
		return decode[Shown](kind, data)
	case "decided":
		return decode[Decided](kind, data)
	case "delayed":
		return decode[Delayed](kind, data)
	case "tried":
		return decode[Tried](kind, data)
	case "made":
		return decode[Made](kind, data)
	case "noticed":
		return decode[Noticed](kind, data)
	}
	return nil, &UnknownForm{What: fmt.Sprintf("this Slipway knows no event %q", kind)}
}

func decode[E Event](kind string, data []byte) (Event, error) {
	var e E
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, &UnknownForm{What: kind + " event", Why: err}
	}
	var why error
	switch e := any(e).(type) {
	case Started:
		why = e.Process.complete()
	case Asked:
		why = complete(e.Steps)
	}
	if why != nil {
		return nil, &UnknownForm{What: kind + " event", Why: why}
	}
	return e, nil
}

// complete holds what a log has pinned: in another form a step or gate would be read as one that does nothing.
func (p Process) complete() error {
	for _, phase := range p.Phases {
		for i, g := range phase.Needs {
			if g.Asks.Any == nil {
				return fmt.Errorf("phase %s: gate %s has no `asks`", phase.Name, cmp.Or(g.ID, strconv.Itoa(i+1)))
			}
		}
		if err := complete(phase.Steps); err != nil {
			return fmt.Errorf("phase %s: %w", phase.Name, err)
		}
	}
	return nil
}

func complete(steps []Step) error {
	for _, s := range steps {
		if s.Does.Any == nil {
			return fmt.Errorf("step %s has no `does`", s.ID)
		}
	}
	return nil
}
