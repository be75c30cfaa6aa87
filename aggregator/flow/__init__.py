"""The steps from a due feed to published outputs, as decisions over ports."""
