"""What people see: the Streamlit application, its pages, its login and its gate."""
