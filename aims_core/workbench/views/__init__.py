"""What people see: views bind, format and escape; they know no rule and read no database."""
