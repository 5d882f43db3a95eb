package contact

// What the tests of package contact_test see of the inside.

// FieldOffset returns where the table says that f lives in a Contact.
func FieldOffset(f Field) uintptr { return fields[f].at }

// AllRules returns the rules in the order of their table.
func AllRules() []Rule {
	var all []Rule
	for _, r := range rules {
		all = append(all, r.rule)
	}
	return all
}

// RulesWithTexts lists the rules that errors have texts for.
func RulesWithTexts() (found []Rule) {
	for i := range rules {
		if rules[i].rule.row() == &rules[i] {
			found = append(found, rules[i].rule)
		}
	}
	return found
}
