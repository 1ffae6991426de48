package store

import (
	"fmt"
	"strconv"
	"strings"
)

// conditions are the terms of a WHERE that grows with a filter.
type conditions struct {
	terms []string
	args  []any
}

// add takes a term with a %s where the argument goes.
func (c *conditions) add(term string, arg any) {
	c.args = append(c.args, arg)
	c.terms = append(c.terms, fmt.Sprintf(term, "$"+strconv.Itoa(len(c.args))))
}

func (c *conditions) clause() string {
	if len(c.terms) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(c.terms, " AND ")
}
