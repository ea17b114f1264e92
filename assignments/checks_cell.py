# The public checks. They show the first thing that is wrong, and need no otter-grader.
PUBLIC_CHECKS = {}


class Checks:
    def check(self, question):
        """Run a question's public checks on what the notebook holds by now."""
        try:
            exec(PUBLIC_CHECKS[question], dict(globals()))
        except Exception as error:
            print(f"{question}: {str(error) or type(error).__name__}")
        else:
            print(f"{question}: the public checks pass.")


grader = Checks()
