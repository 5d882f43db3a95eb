package contact

// What the tests of package contact_test see of the inside.

// FieldPointer returns where typed access finds f in c, nil for the constant.
func FieldPointer(c *Contact, f Field) any {
	switch fields[f].kind {
	case KindID:
		return c.idAt(f)
	case KindString, KindTimezone, KindEnum:
		return c.stringAt(f)
	case KindDate:
		return c.dateAt(f)
	case KindTimestamp:
		if RequiredFields.Has(f) {
			return c.timeAt(f)
		}
		return c.optionalTimeAt(f)
	case KindBoolean:
		return c.boolAt(f)
	case KindObject:
		return c.objectAt(f)
	case KindIDs:
		return c.idsAt(f)
	case KindStrings:
		return c.stringsAt(f)
	}
	return nil
}

// AllRules returns the rules in the order of their table.
func AllRules() []Rule {
	var all []Rule
	for _, r := range rules {
		all = append(all, r.rule)
	}
	return all
}

// AllCodes returns the codes in the order of their table.
func AllCodes() []Code {
	var all []Code
	for _, c := range codes {
		all = append(all, c.code)
	}
	return all
}

// RulesWithTexts lists the rules that errors have texts for.
func RulesWithTexts() (found []Rule) {
	for i := range rules {
		if rules[i].rule.info() == &rules[i] {
			found = append(found, rules[i].rule)
		}
	}
	return found
}
